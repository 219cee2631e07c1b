from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("revocation", "0005_forget_devices")]

    operations = [
        migrations.CreateModel(
            name="StatusTicket",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("taken_at", models.DateTimeField(db_default=Now())),
            ],
            options={"verbose_name": "status ticket", "verbose_name_plural": "status tickets"},
        ),
        # Nullable and without a default: PostgreSQL and MariaDB rewrite no row for it.
        migrations.AddField(
            model_name="session",
            name="status_position",
            field=models.BigIntegerField(null=True, unique=True),
        ),
    ]
